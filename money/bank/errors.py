"""What the bank refuses: each code and its sentence once."""
