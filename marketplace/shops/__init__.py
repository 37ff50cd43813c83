"""Shops as shoppers see them: their face, their hours, where they are. May import people and foundation."""
