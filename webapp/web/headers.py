"""The headers of every answer: what a browser may do with a page, and that it keeps none."""

from flask import Flask, Response

from webapp.config import Settings

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "font-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

EVERY_ANSWER = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def set_up(app: Flask, settings: Settings) -> None:
    """Add the headers to every answer of the application (static files have their own)."""

    @app.after_request
    def add_headers(response: Response) -> Response:
        given = set(response.headers.keys(lower=True))
        for name, value in EVERY_ANSWER.items():
            if name.lower() not in given:
                response.headers.add(name, value)
        if settings.https:
            response.headers["Strict-Transport-Security"] = "max-age=31536000"
        # Pages hold names and numbers of contacts: no cache may keep them, nor the browser's.
        response.headers["Cache-Control"] = "no-store"
        if "vary" in given:
            response.vary.add("HX-Request")
        else:
            response.headers.add("Vary", "HX-Request")
        return response
