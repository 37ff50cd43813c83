"""Law as dated data: limits and periods with their norm and the day from which they hold."""
