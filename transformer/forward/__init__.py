"""Sends applied operations on to a real Braze cluster, or to another instance of ours.

The writer puts them into the outbox (writer/outbox.py, store/outbox.py); from here on: cut them into
calls (batch.py), send these (client.py), read the answers (answer.py), wait where told to
(patience.py), round after round (sender.py), for every forward (forwarder.py).
"""
