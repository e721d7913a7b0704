"""The web server's patience: nobody holds a thread by sending or reading slowly.

One loop reads whole requests and sends what a client is slow to take; gunicorn's threads
get a request only when it is there. `server.py` is the loop, `connection.py` one client,
`outlet.py` the way back to it, `patience.py` how long is waited.
"""
