//! Both ways to write without waiting, on a system that has both: sockets that are full, that are read meanwhile, and that end.

use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use super::{PATIENCE, numbered, sockets};
use crate::transport::{raw as with_flag, *};

#[path = "../raw/with_poll.rs"]
mod with_poll;

type Write = fn(&TcpStream, &[IoSlice<'_>], IfFull) -> io::Result<usize>;
type Read = fn(&TcpStream, &mut [u8]) -> io::Result<usize>;

const WAYS: [(Write, Read); 2] = [(with_flag::write, with_flag::read), (with_poll::write, with_poll::read)];
const READS: [Read; 4] = [with_flag::read, with_flag::peek, with_poll::read, with_poll::peek];

/// The longest wait of a write into a socket that is full.
const LIMIT: Duration = Duration::from_millis(300);

/// Fills a socket until a write that may wait finds no room for so long. Just after a write that does not wait has found none,
/// there may be some, since the system still moves bytes to the peer's buffer.
fn fill(write: Write, near: &TcpStream) {
    near.set_write_timeout(Some(LIMIT)).unwrap();
    let text = numbered(1 << 18);
    loop {
        let begun = Instant::now();
        if let Err(error) = write(near, &[IoSlice::new(&text), IoSlice::new(&text)], IfFull::Wait) {
            assert!(is_timeout(&error) && begun.elapsed() >= LIMIT, "{error} after {:?}", begun.elapsed());
            return;
        }
    }
}

/// Writes that waited would be seen: their time limit is long.
#[test]
fn a_write_that_is_not_to_wait_does_not_and_one_that_may_waits_until_its_time_is_over() {
    for (write, _) in WAYS {
        let (near, _far) = sockets();
        fill(write, &near);
        near.set_write_timeout(Some(PATIENCE)).unwrap();
        let begun = Instant::now();
        for pieces in [&[IoSlice::new(b"more")][..], &[IoSlice::new(b"and"), IoSlice::new(b"more")]] {
            assert_eq!(write(&near, pieces, IfFull::Leave).unwrap_err().kind(), ErrorKind::WouldBlock);
        }
        assert!(begun.elapsed() < PATIENCE, "it waited");
    }
}

#[test]
fn a_write_that_may_wait_goes_on_when_the_peer_reads_and_ends_when_another_thread_shuts_the_socket() {
    for (write, _) in WAYS {
        let (near, mut far) = sockets();
        fill(write, &near);
        near.set_write_timeout(None).unwrap();
        thread::scope(|scope| {
            let writer = scope.spawn(|| write(&near, &[IoSlice::new(b"more")], IfFull::Wait));
            while !writer.is_finished() {
                assert!(far.read(&mut [0; 1 << 14]).unwrap() > 0);
            }
            assert_eq!(writer.join().unwrap().unwrap(), 4);
        });
        fill(write, &near);
        near.set_write_timeout(None).unwrap();
        thread::scope(|scope| {
            let writer = scope.spawn(|| write(&near, &[IoSlice::new(b"more")], IfFull::Wait));
            near.shutdown(Shutdown::Both).unwrap();
            assert!(writer.join().unwrap().is_err());
        });
    }
}

#[test]
fn a_read_ends_when_another_thread_shuts_the_socket() {
    for read in READS {
        let (near, _far) = sockets();
        thread::scope(|scope| {
            let reader = scope.spawn(|| read(&near, &mut [0]));
            near.shutdown(Shutdown::Read).unwrap();
            assert_eq!(reader.join().unwrap().unwrap(), 0);
        });
    }
}

#[test]
fn a_read_with_a_timeout_waits_for_as_long() {
    for read in READS {
        let (near, _far) = sockets();
        near.set_read_timeout(Some(LIMIT)).unwrap();
        let begun = Instant::now();
        let error = read(&near, &mut [0]).unwrap_err();
        assert!(is_timeout(&error) && begun.elapsed() >= LIMIT, "{error} after {:?}", begun.elapsed());
    }
}

#[test]
fn pieces_of_all_sizes_arrive_as_one_text() {
    const LIMIT: usize = 64 * 1024;
    let text = numbered(1 << 20);
    let sizes = [0, 1, LIMIT - 1, 1, LIMIT, 0, 0, 7, LIMIT + 1, 5, 5, 3 * LIMIT + 2, 0];
    for (write, _) in WAYS {
        let (near, mut far) = sockets();
        let (mut left, mut pieces) = (&text[..], Vec::new());
        for size in sizes.into_iter().chain([left.len() - sizes.iter().sum::<usize>()]) {
            let (piece, rest) = left.split_at(size);
            pieces.push(IoSlice::new(piece));
            left = rest;
        }
        thread::scope(|scope| {
            let heard = scope.spawn(|| {
                let mut heard = vec![0; text.len()];
                far.read_exact(&mut heard).map(|()| heard)
            });
            let mut rest = &mut pieces[..];
            IoSlice::advance_slices(&mut rest, 0);
            while !rest.is_empty() {
                let written = write(&near, rest, IfFull::Wait).unwrap();
                IoSlice::advance_slices(&mut rest, written);
            }
            assert!(heard.join().unwrap().unwrap() == text);
        });
    }
}

/// The peer sends single bytes with pauses and without, so that the reader both waits and finds bytes while the socket is full,
/// and while it is not.
#[test]
fn a_thread_that_reads_does_not_notice_how_another_writes() {
    const ROUNDS: usize = 3000;
    for (write, read) in WAYS {
        let (near, far) = sockets();
        let text = numbered(1 << 12);
        // A timeout that is not reached makes no difference.
        near.set_read_timeout(Some(PATIENCE)).unwrap();
        thread::scope(|scope| {
            let reader = scope.spawn(|| {
                let mut heard = 0;
                while heard < ROUNDS {
                    heard += read(&near, &mut [0; 7]).unwrap();
                }
            });
            scope.spawn(|| {
                for round in 0..ROUNDS {
                    (&far).write_all(b"x").unwrap();
                    if round % 100 == 0 {
                        thread::sleep(Duration::from_millis(1));
                    }
                }
            });
            let sink = scope.spawn(|| io::copy(&mut &far, &mut io::sink()).unwrap());
            let mut sent = 0;
            while !reader.is_finished() {
                for if_full in [IfFull::Leave, IfFull::Wait] {
                    match write(&near, &[IoSlice::new(&text)], if_full) {
                        Ok(count) => sent += count as u64,
                        Err(error) => assert_eq!((error.kind(), if_full), (ErrorKind::WouldBlock, IfFull::Leave)),
                    }
                }
            }
            reader.join().unwrap();
            near.shutdown(Shutdown::Write).unwrap();
            assert_eq!(sink.join().unwrap(), sent);
        });
    }
}
