"""`glassbox up`: every process of Glassbox as a child of one."""
