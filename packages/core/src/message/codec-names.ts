/** Serializers by their Celery names. */
export type SerializerName = 'json' | 'msgpack' | 'yaml';

/** Compression methods by their Celery names; `gzip` is the same as `zlib`, as in Celery. */
export type CompressionName = 'zlib' | 'gzip' | 'bzip2' | 'lzma' | 'brotli' | 'zstd';
