"""One object that switches the mode, in several threads and tasks at once."""

import asyncio
import threading

import pytest

from autograd import Tape, Value, detect_anomaly, enable_grad, no_grad
from autograd.mode import current_mode

MODES = [no_grad, enable_grad, detect_anomaly, Tape]


@pytest.mark.parametrize("mode", MODES)
def test_one_object_may_be_used_in_several_threads_at_once(mode):
    switch = mode()
    entered, left = threading.Barrier(2, timeout=10), threading.Event()
    after = []

    def first():
        with switch:
            entered.wait()
            entered.wait()
        after.append(current_mode())
        left.set()

    def second():
        entered.wait()
        with switch:
            entered.wait()
            left.wait(10)  # the first to enter leaves first
        after.append(current_mode())

    threads = [threading.Thread(target=work) for work in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert after == [None, None]


@pytest.mark.parametrize("mode", MODES)
def test_one_object_may_be_used_in_several_tasks_at_once(mode):
    switch = mode()

    async def work(turns):
        with switch:
            for _ in range(turns):
                await asyncio.sleep(0)
        return current_mode()

    async def together():
        return await asyncio.gather(*(work(turns) for turns in (3, 1, 2)))

    assert asyncio.run(together()) == [None, None, None]


def test_a_tape_in_several_threads_keeps_what_each_of_them_recorded():
    tape = Tape()

    def work():
        with tape:
            for _ in range(100):
                Value(1.0) * 2.0

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(tape) == 4 * 100 * 2


def test_what_is_left_in_another_thread_than_it_was_entered_in_is_told():
    switch = no_grad()
    errors = []

    def leave():
        try:
            switch.__exit__()
        except RuntimeError as error:
            errors.append(str(error))

    with switch:
        thread = threading.Thread(target=leave)
        thread.start()
        thread.join()
    assert errors == ["no_grad is left in a thread or task in which it was not entered"]
    assert current_mode() is None


def test_a_generator_that_stops_inside_a_mode_gives_the_mode_back_when_it_goes():
    def numbers():
        with no_grad():
            yield 1
            yield 2

    generator = numbers()
    with detect_anomaly():
        next(generator)
    generator.close()
    assert current_mode() is None
