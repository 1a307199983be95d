"""HTTPS for a server of plain HTTP, as a reverse proxy offers it."""

import asyncio
import ssl
import subprocess
import threading


class Https:
    """Listens on a free port of 127.0.0.1, and passes everything on to `port`. The certificate is self-signed."""

    def __init__(self, folder, host, port):
        certificate, key = folder / "certificate.pem", folder / "key.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc", "-days", "1",
             "-subj", f"/CN={host}", "-keyout", key, "-out", certificate],
            check=True, capture_output=True,
        )
        self._context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._context.load_cert_chain(certificate, key)
        self._target = port
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        start = asyncio.start_server(self._pass_on, "127.0.0.1", 0, ssl=self._context)
        server = asyncio.run_coroutine_threadsafe(start, self._loop).result()
        self.port = server.sockets[0].getsockname()[1]

    async def _pass_on(self, reader, writer):
        target_reader, target_writer = await asyncio.open_connection("127.0.0.1", self._target)
        await asyncio.gather(copy(reader, target_writer), copy(target_reader, writer))


async def copy(reader, writer):
    """Copies until one of the two sides closes the connection."""
    try:
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass  # the browser has closed it
    finally:
        writer.close()
