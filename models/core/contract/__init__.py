"""What a capability declares and returns, and how it is found, interrupted and refused."""
