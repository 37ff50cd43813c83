"""`make chaos`: the whole house under load, killed over and over; what was acknowledged is compared with the books."""
