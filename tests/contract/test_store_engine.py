"""What holds on PostgreSQL alone: what a vanished client leaves behind has an end."""

from sqlalchemy import text

from transformer.store.engine import open_engine, reading


def test_a_session_without_its_client_ends_and_a_lock_is_not_waited_for_for_ever(
    postgres_url: str,
) -> None:
    # What happens then is seen in tests/hosts/test_cut_off.py. Remove the commit in store/engine.py
    # to see the pool take the settings back here.
    engine = open_engine(postgres_url)
    try:
        for _ in range(2):
            with reading(engine) as connection:
                shown = [
                    connection.scalar(text(f"SHOW {name}"))
                    for name in ("idle_in_transaction_session_timeout", "lock_timeout")
                ]
                connection.rollback()
            assert shown == ["8s", "16s"]
    finally:
        engine.dispose()
