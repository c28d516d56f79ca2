"""Training by several processes: addresses, replicas, the life of a task."""
