"""The worker on Kafka: Faust keeps the group, owners keep the partitions.

A contact's path: `transport` hands a fetched batch to `ownership`, which knows the partition's
`owner`; its machine turns records into effects, `outbox` lays them into record batches, and
`transaction` writes them together with the state and the input's offsets.
"""
