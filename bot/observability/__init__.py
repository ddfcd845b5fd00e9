"""What operators see of the product: logs, metrics and traces."""
