import { connect, createServer, type Server, type Socket } from "node:net";

/** Passes bytes on to a server, and can cut every connection at once, as a lost link does. */
export class CuttingProxy {
  private readonly sockets = new Set<Socket>();
  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async to(target: string): Promise<CuttingProxy> {
    const { hostname, port } = new URL(target);
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const own = typeof address === "object" && address ? address.port : 0;
    const proxy = new CuttingProxy(server, `http://127.0.0.1:${own}`);
    server.on("connection", (near) => {
      const far = connect(Number(port), hostname);
      for (const socket of [near, far]) {
        proxy.sockets.add(socket);
        socket.on("error", () => socket.destroy());
        socket.on("close", () => {
          proxy.sockets.delete(socket);
          near.destroy();
          far.destroy();
        });
      }
      near.pipe(far).pipe(near);
    });
    return proxy;
  }

  cut(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  close(): void {
    this.cut();
    this.server.close();
  }
}
