"""The REST API that speaks Braze's (braze.md §2, §3, §7): another door to the same writer.

A call that changes something is one event and one delivery, like a webhook: what it asks for is
checked here with the writer's own readers, appended to the outcomes stream of its key's workspace,
and applied, logged and kept as a transformation's output is. No rule is written down twice.

A new route is a :class:`~transformer.rest.route.RestRoute` in the ``ROUTES`` of its module, which
:mod:`transformer.rest.app` lists: method, path, permission, rate, schema of the body and of its
answers (the OpenAPI document shows both) and a handler. Key, permission, address, rate, size and
syntax of the body are looked at before the handler is called, the same for all. A handler is
``async`` and

- reads the store with ``await call.read(function)``, in a thread;
- changes something with ``await call.submit(asked)``: back once Redis holds it, with the delivery's
  id; or with ``await call.submit_and_wait(asked)``: back once it is in the store, with what the
  writer says of it. ``asked`` is a :class:`~transformer.rest.submission.Asked`: the operations, whose
  ``path`` leads into the body, and what was found wrong with the rest of it;
- gives a :class:`~transformer.rest.route.Answer`, or raises a
  :class:`~transformer.rest.errors.Refused` whose ``message`` and ``errors`` are the caller's.
"""
