//! The traps that the READMEs of rungs 5 to 10 name: each is walked into.

// Clippy sees tests in functions that are marked so, not in those that they call.
#![allow(clippy::unwrap_used)]

use std::io::{BufRead as _, BufReader, ErrorKind, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

/// The two ends of a connection.
fn connection() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    (client, listener.accept().unwrap().0)
}

#[test]
fn rung_5_a_guard_without_a_name_lives_as_long_as_its_statement() {
    let lock = Mutex::new(vec![1]);
    let is_locked = || lock.try_lock().is_err();
    // A value, and a semicolon: released.
    let first = lock.lock().unwrap().first().copied();
    assert!(first.is_some() && !is_locked());
    // An argument: locked during the call.
    let during = |_: &mut Vec<i32>| is_locked();
    assert!(during(&mut lock.lock().unwrap()) && !is_locked());
    match lock.lock().unwrap().first() {
        Some(_) => assert!(is_locked(), "match"),
        None => unreachable!(),
    }
    if let Some(_first) = lock.lock().unwrap().first() {
        assert!(is_locked(), "if let");
    }
    let mut rounds = 0;
    #[allow(clippy::never_loop)]
    while let Some(_first) = lock.lock().unwrap().first() {
        assert!(is_locked(), "while let");
        rounds += 1;
        break;
    }
    for _ in lock.lock().unwrap().iter() {
        assert!(is_locked(), "for");
        rounds += 1;
    }
    assert!(rounds == 2 && !is_locked());
}

#[test]
fn rung_6_lines_loses_half_a_line_to_a_timeout_and_read_until_keeps_it() {
    let timed_out = |error: std::io::Error| matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut);
    for keeps in [false, true] {
        let (mut client, server) = connection();
        server.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
        let mut reading = BufReader::new(server);
        client.write_all(b"half ").unwrap();
        let mut kept = Vec::new();
        let failed = if keeps {
            reading.read_until(b'\n', &mut kept).unwrap_err()
        } else {
            reading.by_ref().lines().next().unwrap().unwrap_err()
        };
        assert!(timed_out(failed));
        client.write_all(b"a line\n").unwrap();
        reading.get_ref().set_read_timeout(None).unwrap();
        reading.read_until(b'\n', &mut kept).unwrap();
        assert_eq!(String::from_utf8(kept).unwrap(), if keeps { "half a line\n" } else { "a line\n" });
    }
}

#[test]
fn rung_7_two_threads_may_write_to_one_socket_without_a_lock() {
    let (mut client, server) = connection();
    let copy = server.try_clone().unwrap();
    thread::scope(|scope| {
        scope.spawn(|| (&server).write_all(b"a").unwrap());
        scope.spawn(|| (&server).write_all(b"b").unwrap());
        scope.spawn(|| (&copy).write_all(b"c").unwrap());
    });
    let mut came = [0; 3];
    client.read_exact(&mut came).unwrap();
    came.sort_unstable();
    assert_eq!(&came, b"abc");
}

#[test]
#[cfg_attr(windows, ignore = "a socket whose write has timed out is not to be used any more")]
fn rung_8_non_blocking_mode_is_for_both_directions_and_all_handles_and_a_timeout_for_one_direction() {
    let (mut client, server) = connection();
    let copy = server.try_clone().unwrap();
    server.set_nonblocking(true).unwrap();
    assert_eq!((&copy).read(&mut [0]).unwrap_err().kind(), ErrorKind::WouldBlock);
    server.set_nonblocking(false).unwrap();
    server.set_write_timeout(Some(Duration::from_millis(1))).unwrap();
    // The write of a full socket fails soon ...
    let full = loop {
        if let Err(error) = (&server).write(&[0; 4096]) {
            break error;
        }
    };
    assert!(matches!(full.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut));
    // ... and a read waits.
    let reading = thread::spawn(move || (&copy).read(&mut [0]));
    thread::sleep(Duration::from_millis(100));
    assert!(!reading.is_finished());
    client.write_all(b"x").unwrap();
    assert_eq!(reading.join().unwrap().unwrap(), 1);
}

#[test]
fn rung_8_a_flag_that_is_cleared_late_leaves_a_line_behind() {
    for late in [false, true] {
        // The outbox, and two threads whose steps are taken by hand: a writer, and Ann.
        let (mut queue, mut writing) = (Vec::<&str>::new(), true);
        let found_empty = queue.is_empty();
        if !late {
            writing = !found_empty;
        }
        queue.push("MSG ann good night");
        let ann_writes = !std::mem::replace(&mut writing, true);
        if late {
            writing = !found_empty;
        }
        // The writer has gone.
        let left_behind = !queue.is_empty() && !ann_writes;
        assert_eq!((left_behind, writing), (late, !late));
    }
}

#[test]
#[cfg_attr(windows, ignore = "a thread in a read does not always notice there that another one shuts the socket down")]
fn rung_8_a_shutdown_ends_the_read_and_the_write_of_other_threads() {
    let (_client, server) = connection();
    thread::scope(|scope| {
        let reading = scope.spawn(|| (&server).read(&mut [0]));
        let writing = scope.spawn(|| (&server).write_all(&vec![0; 64 << 20]));
        thread::sleep(Duration::from_millis(100));
        assert!(!reading.is_finished() && !writing.is_finished());
        server.shutdown(Shutdown::Both).unwrap();
        assert_eq!(reading.join().unwrap().unwrap(), 0);
        assert!(writing.join().unwrap().is_err());
    });
}

#[test]
fn rung_9_a_thread_whose_handle_is_dropped_runs_on() {
    let (client, mut server) = connection();
    drop(thread::spawn(move || (&client).write_all(b"x")));
    assert_eq!(server.read(&mut [0]).unwrap(), 1);
}

#[test]
fn rung_10_a_timeout_of_zero_is_an_error_and_the_time_that_is_left_can_be_zero() {
    let (client, _server) = connection();
    let refused = client.set_read_timeout(Some(Duration::ZERO)).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidInput);
    let deadline = Instant::now();
    thread::sleep(Duration::from_millis(1));
    assert_eq!(deadline.saturating_duration_since(Instant::now()), Duration::ZERO);
    assert_eq!(deadline - Instant::now(), Duration::ZERO);
    assert!(Duration::ZERO.checked_sub(Duration::from_millis(1)).is_none());
}
