"""A small web server on this machine whose pages misbehave in the ways that mirrors do; one method per page."""

import http.server
import threading

CONTENT = bytes(range(256)) * 400  # 102,400 bytes, all different from their shifted neighbours
OTHER = CONTENT[::-1]
HTML = b"<!DOCTYPE html><html><title>Sign in</title></html>"
PROXIES = (
    "http_proxy",
    "HTTP_PROXY",
    "https_proxy",
    "HTTPS_PROXY",
    "all_proxy",
    "ALL_PROXY",
)  # the variables that urllib reads


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        page = self.path.rsplit("/", 1)[-1]
        self.server.requests.append(page)
        try:
            getattr(self, page)()
        except (BrokenPipeError, ConnectionResetError):  # the client has had enough
            self.close_connection = True

    def do_HEAD(self):
        self.answer(404, b"")

    def do_CONNECT(self):
        self.answer(403, b"")

    def log_message(self, *arguments):
        pass

    def answer(self, code, body, **headers):
        self.send_response(code)
        for name, value in dict({"Content_Length": len(body)}, **headers).items():
            if value is not None:
                self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()
        self.wfile.write(body)

    def file(self, content, broken_at=None, **headers):
        """Answers as a good server does; `broken_at` ends the connection early."""
        self.answer(200, content[:broken_at], Content_Length=len(content), **headers)

    def good(self):
        self.file(CONTENT, Content_Type="application/octet-stream")

    def broken(self):
        self.file(CONTENT, broken_at=40000)

    def stalled(self):
        self.file(CONTENT, broken_at=30000)
        self.server.closing.wait(20)

    def crawling(self):
        self.answer(200, b"", Content_Length=len(CONTENT))
        self.crawl(CONTENT)

    def crawling_headers(self):
        self.crawl(b"HTTP/1.0 200 OK\r\nX: " + b"x" * 60000)

    def crawl(self, content):
        """Sends a byte now and then."""
        for byte in content:
            self.wfile.write(bytes([byte]))
            if self.server.closing.wait(0.005):
                break

    def silent(self):
        self.server.closing.wait(20)

    def slow(self):
        self.answer(200, CONTENT[:50000], Content_Length=len(CONTENT))
        self.server.released.wait(60)
        self.wfile.write(CONTENT[50000:])

    def without_length(self):
        self.answer(200, CONTENT, Content_Length=None)

    def endless(self):
        self.answer(200, b"", Content_Length=None)
        while not self.server.closing.is_set():
            self.wfile.write(CONTENT)

    def huge(self):
        self.answer(200, b"", Content_Length=1 << 40)
        self.server.closing.wait(20)

    def part(self):
        self.answer(206, CONTENT)

    def other(self):
        self.file(OTHER)

    def html(self):
        self.answer(200, HTML, Content_Type="text/html; charset=utf-8")

    def html_bare(self):
        self.answer(200, b"Please sign in.", Content_Type="text/html")

    def html_unsaid(self):
        self.answer(200, b"\r\n" + HTML, Content_Type="application/x-gzip")

    def to_html(self):
        self.answer(302, b"", Location="/html")

    def to_good(self):
        self.answer(302, b"", Location="/good")

    def to_ftp(self):
        self.answer(302, b"", Location="ftp://127.0.0.1/good")

    def to_file(self):
        self.answer(302, b"", Location="file:///etc/hostname")

    def missing(self):
        self.answer(404, b"")

    def nothing(self):
        self.answer(204, b"")

    def garbage(self):
        self.wfile.write(b"what is this\r\n\r\n")

    def hung_up(self):
        self.close_connection = True


class Site:
    """The running server: the addresses of its pages, and what it was asked for."""

    def __init__(self):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.requests = []
        self.server.closing, self.server.released = threading.Event(), threading.Event()
        self.address = "http://127.0.0.1:%d/" % self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.server.closing.set()
        self.server.released.set()
        self.server.shutdown()
        self.server.server_close()

    def urls(self, *pages):
        return [self.address + page for page in pages]

    @property
    def requests(self):
        return self.server.requests


def accept(path):
    """A check that is content with any bytes."""
