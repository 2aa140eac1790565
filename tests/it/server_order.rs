//! Order: one for everybody, wherever the streams of bytes are cut.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Barrier;
use std::thread;

use crate::support::{Room, stamped, unstamped};

/// How many lines each speaker says in the tests with six of them.
const LINES: usize = 300;

/// Some lines are sent alone, some in packets of three.
fn times(line: usize) -> usize {
    if line.is_multiple_of(7) { 3 } else { 1 }
}

#[test]
fn everybody_sees_one_order_while_six_speak_at_once() {
    let speakers = ["p0", "p1", "p2", "p3", "p4", "p5"];
    let room = Room::open();
    // All six want an echo, so each of them must see exactly what the two listeners see.
    let peers =
        room.join_all(["p0 echo", "p1 echo", "p2 echo", "p3 echo", "p4 echo", "p5 echo", "plain", "stamps stamp"]);
    let each: usize = (0..LINES).map(times).sum();

    let seen: Vec<Vec<String>> = thread::scope(|scope| {
        for (name, peer) in speakers.iter().zip(&peers) {
            let mut peer = peer.for_sending();
            scope.spawn(move || {
                for line in 0..LINES {
                    peer.send(format!("MSG {name} {line}\n").repeat(times(line)));
                }
            });
        }
        let readers: Vec<_> =
            peers.into_iter().map(|mut peer| scope.spawn(move || peer.lines(speakers.len() * each))).collect();
        readers.into_iter().map(|reader| reader.join().unwrap()).collect()
    });

    let stamps: Vec<u64> = seen[7].iter().map(|line| stamped(line).0).collect();
    assert!(stamps.is_sorted_by(|one, next| one < next), "the order is not that of the stamps");
    for (index, other) in seen.iter().enumerate() {
        let differs = seen[0].iter().zip(other).position(|(one, other)| one != unstamped(other));
        if let Some(at) = differs {
            panic!("line {at} is {} for the first, and {} for peer {index}", seen[0][at], other[at]);
        }
    }
    for name in speakers {
        let start = format!("MSG {name} ");
        let said: Vec<_> = seen[0].iter().filter_map(|line| line.strip_prefix(&start)).collect();
        let expected: Vec<_> = (0..LINES).flat_map(|line| vec![line.to_string(); times(line)]).collect();
        assert_eq!(said, expected, "what {name} said came in another order, twice, or not at all");
    }
}

#[test]
fn many_who_arrive_at_once_agree_on_who_is_here_and_in_which_order_they_came() {
    let room = Room::open();
    let start = Barrier::new(60);
    // Each joins among all the others, and every third leaves again. Who stays tells what it heard.
    let mut peers: Vec<_> = thread::scope(|scope| {
        let arrivals: Vec<_> = (0..60)
            .map(|number| {
                let (room, start) = (&room, &start);
                scope.spawn(move || {
                    let mut peer = room.peer();
                    start.wait();
                    let past = peer.join(&format!("p{number} stamp"));
                    peer.send(format!("MSG p{number} hello all\n"));
                    if number % 3 == 0 {
                        peer.send("BYE\n");
                        peer.until_end();
                        return None;
                    }
                    Some((number, peer, past))
                })
            })
            .collect();
        arrivals.into_iter().filter_map(|arrival| arrival.join().unwrap()).collect()
    });
    let here: BTreeSet<String> = room.names().into_iter().collect();
    assert_eq!(here.len(), 40);
    let mut order: BTreeMap<u64, String> = BTreeMap::new();
    for (number, peer, past) in &mut peers {
        let news = peer.until_sync();
        let mut seen = BTreeSet::from([format!("p{number}")]);
        let mut last = 0;
        for (is_live, line) in past.iter().map(|line| (false, line)).chain(news.iter().map(|line| (true, line))) {
            let (stamp, line) = stamped(line);
            let what = order.entry(stamp).or_insert_with(|| line.to_owned());
            assert_eq!(what, line, "p{number} was told something else of the moment {stamp} than others");
            assert!(!is_live || stamp > last, "{line} came to p{number} behind what happened later: {news:#?}");
            last = if is_live { stamp } else { last };
            match line.split_once(' ') {
                Some(("HELLO", name)) => assert!(seen.insert(name.into()), "{name} came twice to p{number}"),
                Some(("BYE", name)) => assert!(seen.remove(name), "{name} left p{number} without having come"),
                Some(("MSG", said)) => {
                    let name = said.split(' ').next().unwrap();
                    assert!(seen.contains(name), "{name} spoke to p{number} without having come");
                }
                _ => panic!("{line}"),
            }
        }
        assert_eq!(seen, here, "for p{number}");
    }
}

#[test]
fn private_and_public_messages_of_one_person_keep_their_order() {
    let room = Room::open();
    let [mut ann, mut ben, mut carl] = room.join_all(["ann", "ben", "carl"]);
    let said = (0..200).flat_map(|number| [format!("MSG ann {number}"), format!("TELL ben {number}")]);
    ann.send(said.collect::<Vec<_>>().join("\n") + "\n");
    let expected: Vec<_> =
        (0..200).flat_map(|number| [format!("MSG ann {number}"), format!("TELL ann {number}")]).collect();
    ann.sync();
    assert_eq!(ben.until_sync(), expected);
    assert_eq!(carl.until_sync().len(), 200);
}

#[test]
fn a_stream_may_be_cut_anywhere() {
    let room = Room::open();
    let mut ann = room.join("ann");
    let mut ben = room.peer();
    // One byte at a time, the bytes of a letter and of CR LF too.
    for byte in
        "HELLO b\u{e9}n stamp\r\nMSG b\u{e9}n gr\u{fc}\u{df}e \u{1f600}\r\n\nTELL ann psst\nPING 1\r\nBYE\n".bytes()
    {
        ben.send([byte]);
    }
    assert_eq!(stamped(&ben.line()).1, "HELLO ann");
    assert_eq!(stamped(&ben.line()).1, "HELLO b\u{e9}n");
    ben.expect("PONG 1");
    ben.expect_end();
    ann.expect("HELLO b\u{e9}n");
    ann.expect("MSG b\u{e9}n gr\u{fc}\u{df}e \u{1f600}");
    ann.expect("TELL b\u{e9}n psst");
    ann.expect("BYE b\u{e9}n");
    ann.sync();
}

#[test]
fn many_lines_in_one_packet_are_many_lines() {
    let room = Room::open();
    let [mut ann, mut ben] = room.join_all(["ann", "ben"]);
    let lines: Vec<String> = (0..20_000).map(|number| format!("MSG ann {number}")).collect();
    let packet = lines.join("\n") + "\n";
    let reader = thread::spawn(move || ben.lines(20_000));
    ann.send(packet);
    ann.sync();
    assert!(reader.join().unwrap() == lines, "something is missing, twice, or out of order");
}
