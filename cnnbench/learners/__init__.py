"""What can be trained and asked, behind one protocol."""
