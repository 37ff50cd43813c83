"""What every part stands on and no word of the trade: settings, database, clock, errors, web safety, jobs, mail.

May import libraries only; everything else may import it.
"""
