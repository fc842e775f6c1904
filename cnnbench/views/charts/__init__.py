"""What is drawn on axes, whoever asks: curves, rows, matrices, bars and images."""
