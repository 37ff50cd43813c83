"""What of the books leaves the house: roots of days, balances as a tree, time stamps, exports for strangers."""
