"""Training on several replicas of the network."""
