"""The web server: clients that send or read slowly never hold a thread.

One loop reads whole requests and sends what a client is slow to take; gunicorn's threads get a
request only when it is complete. `server.py` is the loop, `connection.py` one client, `outlet.py`
the way back to it, `patience.py` the timeouts.
"""
