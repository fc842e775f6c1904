"""What a sweep found, said and drawn."""
