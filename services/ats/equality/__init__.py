"""Equality monitoring: what candidates say about themselves, and the fairness figures that are made of it.

Nobody with the database alone can say who gave which answers, nor read any answer at all:

- An answer is a row of two columns. Its key is an HMAC of the application's id under a key of the vacancy, and that is
  an HMAC of the vacancy's id under `EQUALITY_SECRET`, which only the processes of `ats` hold and no database. Its
  content, the consent included, is sealed (AES-GCM) under another key made of that secret, bound to the row and padded
  to one length. No employer, vacancy, person, time, order or request id stands beside it.
- The row is written once, by a transaction that writes nothing else: no audit entry, event, hiring log entry, job or
  idempotency record is made, since even the hash of a set of answers could be guessed. The JSON form is a PUT, which
  keeps no idempotency record; answering again replaces.
- Nothing of an application is ever carried over to its answer, so no change of one betrays the other. The two meet in
  the memory of one worker, once, for all applications of a quarter together, half a year after it. What is shown of
  that quarter is then frozen: counts from ten people on (`shared/suppression.py`), no later report on the same people
  and so no difference between two. The answers themselves are deleted in the same transaction.
- Candidates answer and take back by the signed link to their own application, which gives the key anew. Taking back
  deletes the row. Nobody, not even they, can read an answer.

What this does not stop: whoever controls a running process of `ats` and its secret can make the keys. And when a row
was written can be guessed from the database's own transaction numbers; that may say who answered, never what.
"""
