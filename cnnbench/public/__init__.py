"""What `import cnnbench` gives."""
