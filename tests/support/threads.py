"""Work in several threads at once."""

import threading


def in_threads(count, work):
    """Runs work(0), work(1), … at once, and hands on the first exception."""
    errors = []
    start = threading.Barrier(count)

    def guarded(i):
        try:
            start.wait()
            work(i)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=guarded, args=(i,)) for i in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
