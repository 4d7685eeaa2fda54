"""The peer: Faust as its documentation shows it. One agent, one event at a time, one table, one rule.

    python -m bench.cluster.plain_agent SERVERS TOPIC FOLDER STORE_URL

The rule is the third payment of 9,000 to 10,000 USD by one sender within 7 days; each alert is a row in the same
store. The table has a changelog on the broker, as Faust's tables have.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import faust
from clickhouse_driver import Client

from bench.cluster.load import SPLITS, now_us
from bench.cluster.took import Took, say

LOW_USD, HIGH_USD = 9_000, 10_000
WEEK_US = 7 * 86_400_000_000
SAY_EVERY = 200
TABLE = """
    create table if not exists plain_alerts (sender String, at_us Int64) engine = MergeTree order by (sender, at_us)
"""


def main(servers: str, topic: str, folder: Path, url: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    client = Client.from_url(url)
    client.execute(TABLE)
    app: Any = faust.App(
        topic + "-plain",
        broker=f"kafka://{servers}",
        store="memory://",
        datadir=folder,
        autodiscover=False,
        web_enabled=False,
        topic_partitions=1,
        topic_disable_leader=True,
        consumer_auto_offset_reset="earliest",
        stream_wait_empty=False,
    )
    band = app.Table("band", default=list, partitions=1)
    seen = [0]

    async def work(transfers: Any) -> None:
        async for transfer in transfers:
            seen[0] += 1
            alerts = []
            if LOW_USD <= transfer["amount_usd"] < HIGH_USD:
                sender, at_us = transfer["sender"], transfer["at_us"]
                times = [earlier for earlier in band[sender] if earlier > at_us - WEEK_US] + [at_us]
                band[sender] = times
                if len(times) == SPLITS:
                    client.execute("insert into plain_alerts (sender, at_us) values", [(sender, at_us)])
                    alerts = [at_us]
            if alerts or seen[0] % SAY_EVERY == 0:
                say(Took(at_us=now_us(), events=seen[0], cpu_s=time.process_time(), alerts=alerts))

    app.agent(app.topic(topic, value_serializer="json", key_type=bytes, key_serializer="raw"))(work)
    say(Took(at_us=now_us(), events=0, cpu_s=time.process_time(), alerts=[]))
    faust.Worker(app, loglevel="WARN", redirect_stdouts=False, quiet=True).execute_from_commandline()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]), sys.argv[4])
