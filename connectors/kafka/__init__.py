"""Kafka by kafka-python: topics, a publisher, and a topic read as a source."""
