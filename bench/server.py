"""A throw-away site behind a real gunicorn, for benchmarks that ask it over HTTP."""

import contextlib
import http.client
import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path


@contextlib.contextmanager
def empty_site(*, database_url=""):
    """Points the environment at a fresh folder, sets Django up there and migrates. Yields the folder. The
    database is a file in the folder, or the empty one at `database_url`."""
    with tempfile.TemporaryDirectory(prefix="service-guides-bench-") as folder:
        os.environ["DATA_DIR"] = folder
        os.environ["DJANGO_SETTINGS_MODULE"] = "bench.settings"
        for name in ("DATABASE_URL", "REDIS_URL"):
            os.environ.pop(name, None)
        if database_url:
            os.environ["DATABASE_URL"] = database_url
        sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        yield Path(folder)


@contextlib.contextmanager
def own_database(purpose):
    """Yields the address of an empty database on DATABASE_URL's server, dropped afterwards; or nothing, which means
    SQLite."""
    address = os.environ.get("DATABASE_URL", "")
    if not address.startswith("postgres"):
        yield ""
        return
    import psycopg

    name = f"bench_{purpose}_{os.getpid()}"
    server = psycopg.connect(address, autocommit=True)
    server.execute(f"CREATE DATABASE {name}")
    try:
        yield address.rpartition("/")[0] + f"/{name}"
    finally:
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")
        server.close()


@contextlib.contextmanager
def gunicorn():
    """One worker on a free port. Yields a function that fetches a path and returns the body's bytes;
    RuntimeError for any answer but 200."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "cms.wsgi", "--bind", f"127.0.0.1:{port}"]
    command += ["--worker-class", "gthread", "--threads", "1", "--keep-alive", "60", "--log-level", "error"]
    server = subprocess.Popen(command, cwd=Path(__file__).resolve().parents[1])
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def get(path):
        try:
            connection.request("GET", path)
            response = connection.getresponse()
        except (
            http.client.RemoteDisconnected,
            BrokenPipeError,
        ):  # hung up after a minute in which nothing was asked
            connection.close()
            connection.request("GET", path)
            response = connection.getresponse()
        body = response.read()
        if response.status != 200:
            raise RuntimeError(f"{path} answered {response.status}")
        return body

    try:
        for _ in range(300):
            try:
                get("/bench/empty/")
                break
            except OSError:
                if server.poll() is not None:
                    raise RuntimeError("gunicorn did not start") from None
                connection.close()
                time.sleep(0.1)
        yield get
    finally:
        connection.close()
        server.terminate()
        server.wait(30)
