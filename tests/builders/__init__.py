"""What tests need made: run folders, repeats, sweeps, images, networks."""
