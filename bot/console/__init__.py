"""The web console: a process of its own that talks to the gateway and knows nothing else."""
