"""The conversation graph and its three agents; they read and propose, and decide nothing."""
