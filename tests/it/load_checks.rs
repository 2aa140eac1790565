//! Does the load generator see what it is there to see? Its checks are put before servers that lose, repeat and mix up lines.
//!
//! The checks are the generator's own modules. A server is a list of what it sends to whom: no sockets, no clock.

#[path = "../../examples/load/log.rs"]
#[allow(dead_code, reason = "the generator uses more of it")]
mod log;
#[path = "../../examples/load/receiver.rs"]
#[allow(dead_code, reason = "the generator uses more of it")]
mod receiver;
#[path = "../../examples/load/wire.rs"]
#[allow(dead_code, reason = "the generator uses more of it")]
mod wire;

use log::Log;
use proptest::prelude::*;
use receiver::{Faults, Receiver};
use wire::Template;

const SPEAKERS: usize = 3;
const SIZE: usize = 60;

/// A line of the one order: message `number` of `speaker`.
type Message = (usize, u64);

fn line((speaker, number): Message) -> Vec<u8> {
    let mut line = Vec::new();
    // Two messages each are said at the same time.
    Template::new(speaker, SIZE).put(&mut line, number, 1000 * (number / 2));
    line
}

/// So many messages of all speakers in turn, two at a time.
fn conversation(length: usize) -> Vec<Message> {
    let mut said = [0; SPEAKERS];
    (0..length)
        .map(|at| {
            let speaker = at / 2 % SPEAKERS;
            said[speaker] += 1;
            (speaker, said[speaker] - 1)
        })
        .collect()
}

/// What the checks find, in all and for each receiver, when receivers get these lines, in reads of some sizes.
fn check(said: &[Message], streams: &[Vec<Vec<u8>>], reads: &[usize]) -> (Faults, Vec<Faults>) {
    let mut log = Log::new(SPEAKERS);
    let mut receivers: Vec<Receiver> = streams.iter().map(|_| Receiver::default()).collect();
    let streams: Vec<Vec<u8>> = streams.iter().map(|lines| lines.concat()).collect();
    // What was read of each stream, and what of that was taken.
    let mut at = vec![(0, 0); streams.len()];
    let mut sizes = reads.iter().copied().cycle();
    while at.iter().zip(&streams).any(|((read, _), stream)| *read < stream.len()) {
        for ((receiver, (read, taken)), stream) in receivers.iter_mut().zip(&mut at).zip(&streams) {
            *read = (*read + sizes.next().unwrap_or(1)).min(stream.len());
            *taken += receiver.read(&mut log, &stream[*taken..*read], |_, _| {});
        }
        if let Some(slowest) = receivers.iter().map(|receiver| receiver.place).min() {
            log.discard_before(slowest);
        }
    }
    let sent = |speaker: usize| said.iter().filter(|message| message.0 == speaker).count() as u64;
    let never_came = log.never_came((0..SPEAKERS).map(sent));
    let each: Vec<Faults> = receivers.iter().map(|receiver| receiver.faults(&log, never_came)).collect();
    let mut all = Faults::default();
    for faults in &each {
        all += *faults;
    }
    (all, each)
}

/// Three receivers; what the second gets is spoiled.
fn with_second_spoiled(spoil: impl FnOnce(&mut Vec<Vec<u8>>)) -> (Faults, Vec<Faults>) {
    let said = conversation(20);
    let mut streams = vec![said.iter().copied().map(line).collect::<Vec<_>>(); 3];
    spoil(&mut streams[1]);
    check(&said, &streams, &[10_000])
}

#[test]
fn a_server_without_fault_is_found_without_fault() {
    assert_eq!(with_second_spoiled(|_| {}).0, Faults::default());
}

#[test]
fn a_line_that_one_receiver_does_not_get_is_lost() {
    let (_, each) = with_second_spoiled(|lines| drop(lines.remove(7)));
    assert_eq!(each, [Faults::default(), Faults { lost: 1, ..Faults::default() }, Faults::default()]);
}

#[test]
fn lines_that_one_receiver_does_not_get_at_the_end_are_lost() {
    let (_, each) = with_second_spoiled(|lines| lines.truncate(17));
    assert_eq!(each[1], Faults { lost: 3, ..Faults::default() });
}

#[test]
fn a_line_that_nobody_gets_is_lost_to_everybody() {
    let said = conversation(20);
    for missing in [0, 9, 19] {
        let mut lines: Vec<_> = said.iter().copied().map(line).collect();
        lines.remove(missing);
        let (all, _) = check(&said, &[lines.clone(), lines.clone(), lines], &[10_000]);
        assert_eq!(all, Faults { lost: 3, ..Faults::default() }, "without line {missing}");
    }
}

#[test]
fn a_line_that_comes_twice_is_repeated() {
    let (_, each) = with_second_spoiled(|lines| lines.insert(12, lines[5].clone()));
    assert_eq!(each, [Faults::default(), Faults { repeated: 1, ..Faults::default() }, Faults::default()]);
    let (_, each) = with_second_spoiled(|lines| lines.push(lines[19].clone()));
    assert_eq!(each[1], Faults { repeated: 1, ..Faults::default() });
}

#[test]
fn two_speakers_whose_lines_change_places_for_one_receiver_are_out_of_the_one_order() {
    // Lines 1 and 2 are of different speakers: each of them speaks in order, and yet not all see the same.
    let (_, each) = with_second_spoiled(|lines| lines.swap(1, 2));
    assert_eq!(each, [Faults::default(), Faults { disordered: 1, ..Faults::default() }, Faults::default()]);
}

#[test]
fn one_speaker_whose_lines_change_places_for_everybody_is_out_of_order() {
    let said = conversation(20);
    let mut lines: Vec<_> = said.iter().copied().map(line).collect();
    lines.swap(0, 1);
    let (all, each) = check(&said, &[lines.clone(), lines.clone()], &[10_000]);
    assert!(each[0].disordered == 1 && all.lost == 0, "{each:?}");
}

#[test]
fn an_error_line_and_torn_lines_are_strange() {
    let (_, each) = with_second_spoiled(|lines| lines.insert(3, b"ERR SLOW_DOWN 100\n".to_vec()));
    assert_eq!(each[1], Faults { strange: 1, ..Faults::default() });
    // Two threads wrote at once: half of one line, all of another, and the other half.
    let (_, each) = with_second_spoiled(|lines| {
        let rest = lines[4].split_off(30);
        lines.insert(6, rest);
    });
    assert!(each[1].strange > 0 && each[1].lost > 0, "{each:?}");
    assert_eq!(each[2], Faults::default());
}

#[test]
fn somebody_whose_leaving_is_not_told_to_one_receiver_is_missed() {
    let said = conversation(4);
    let mut with_bye: Vec<_> = said.iter().copied().map(line).collect();
    let without_bye = with_bye.clone();
    with_bye.insert(2, b"BYE u00009\n".to_vec());
    let (_, each) = check(&said, &[with_bye, without_bye], &[10_000]);
    assert_eq!(each, [Faults::default(), Faults { lost: 1, ..Faults::default() }]);
}

/// What a server can do to a stream.
#[derive(Clone, Debug)]
enum Spoil {
    Drop(usize),
    Repeat(usize, usize),
    Move(usize, usize),
    Insert(usize),
}

fn spoil() -> impl Strategy<Value = Spoil> {
    prop_oneof![
        (0..60usize).prop_map(Spoil::Drop),
        (0..60usize, 0..60usize).prop_map(|(from, to)| Spoil::Repeat(from, to)),
        (0..60usize, 0..60usize).prop_filter("a move", |(from, to)| from != to).prop_map(|(a, b)| Spoil::Move(a, b)),
        (0..60usize).prop_map(Spoil::Insert),
    ]
}

proptest! {
    #[test]
    fn where_reads_cut_the_stream_makes_no_difference(reads in proptest::collection::vec(1usize..200, 1..9)) {
        let said = conversation(60);
        let streams = vec![said.iter().copied().map(line).collect::<Vec<_>>(); 4];
        prop_assert_eq!(check(&said, &streams, &reads).0, Faults::default());
    }

    #[test]
    fn no_single_fault_goes_unseen(spoil in spoil(), victim in 0usize..3, reads in proptest::collection::vec(1usize..400, 1..9)) {
        let said = conversation(60);
        let mut streams = vec![said.iter().copied().map(line).collect::<Vec<_>>(); 3];
        let lines = &mut streams[victim];
        match spoil {
            Spoil::Drop(at) => drop(lines.remove(at)),
            Spoil::Repeat(from, to) => lines.insert(to, lines[from].clone()),
            Spoil::Move(from, to) => {
                let moved = lines.remove(from);
                lines.insert(to, moved);
            }
            Spoil::Insert(at) => lines.insert(at, b"MSG somebody what nobody said\n".to_vec()),
        }
        prop_assert!(check(&said, &streams, &reads).0.total() > 0);
    }
}
