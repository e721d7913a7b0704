"""The client of the Omixa gateway: records in, records out, and one kind of error."""
