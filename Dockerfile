FROM python:3.12-slim

WORKDIR /heed
COPY requirements.lock ./
RUN python -m pip install --no-cache-dir --require-hashes -r requirements.lock
COPY webapp ./webapp
COPY templates ./templates
COPY static ./static
COPY wsgi.py ./

RUN useradd --system heed && mkdir /data && chown heed /data
USER heed
ENV HEED_INSTANCE=/data PYTHONUNBUFFERED=1
VOLUME /data
EXPOSE 8000
HEALTHCHECK CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/healthz', timeout=3)"]
ENTRYPOINT ["python", "-m", "webapp.cli.main"]
CMD ["serve", "--host", "0.0.0.0"]
