"""What Münsterland e.V. audits: figures from daily sums, each with the way down to its entries."""
