import { connect, createServer, type Server, type Socket } from "node:net";

/** Passes bytes on to a server; can cut every connection at once, as a lost link does, and be away, as a stopped server is. */
export class CuttingProxy {
  private readonly sockets = new Set<Socket>();
  private constructor(
    private readonly server: Server,
    private readonly port: number,
  ) {}

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  static async to(target: string): Promise<CuttingProxy> {
    const { hostname, port } = new URL(target);
    const server = createServer();
    await listen(server, 0);
    const address = server.address();
    const proxy = new CuttingProxy(server, typeof address === "object" && address ? address.port : 0);
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

  /** No connection is accepted any more, until `back`. */
  close(): void {
    this.server.close();
    this.cut();
  }

  back(): Promise<void> {
    return listen(this.server, this.port);
  }
}

const listen = (server: Server, port: number): Promise<void> =>
  new Promise((resolve) => server.listen(port, "127.0.0.1", resolve));
