"""Benchmarks: each job runs beside a bare-SQL yardstick that does the same durable work."""
