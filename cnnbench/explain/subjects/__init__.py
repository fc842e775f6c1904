"""What is asked of a trained model of each learner."""
