//! A view of a page with letters of ten pixels and rows of twenty.

use super::*;
use crate::chat::render::page::Reader;
use crate::chat::render::wrap::tests::Tens;
use crate::chat::state::{Entry, Kind, MessageLog, SETTLED_MAX};
use crate::chat::state::{IgnoredNames, Joins};
use crate::clock::Clock;

const METRICS: Metrics = Metrics { height: 200, text: 200.0, row: 20, gap: 0, letter: 10.0 };

struct Stage {
    log: MessageLog,
    page: Page,
    view: Viewport,
    metrics: Metrics,
}

/// Returns a view of as many messages, of which every third takes two rows.
fn stage(messages: usize) -> Stage {
    let page = Page::new(Clock::utc());
    let mut stage = Stage { log: MessageLog::default(), page, view: Viewport::default(), metrics: METRICS };
    stage.say(messages);
    stage
}

fn text(n: Position) -> String {
    format!("number {n}{}", if n % 3 == 0 { " and a second row" } else { "" })
}

impl Stage {
    fn say(&mut self, messages: usize) {
        for _ in 0..messages {
            let text = text(self.log.end());
            self.log.settle(None, Kind::Message { from: "ann".into(), text, earlier: false });
        }
        self.update();
    }

    fn update(&mut self) {
        let splices = self.log.take_splices();
        let ignored = IgnoredNames::default();
        let reader = Reader { me: "bob", joins: Joins::Grouped, ignored: &ignored, version: 0 };
        self.page.splice(&self.log, reader, &splices);
        self.page.update(&self.log, reader, [], None);
        if let Some(from) = self.page.take_changed() {
            self.view.page_changed(&self.page, from, &splices);
        }
        self.lay();
    }

    fn lay(&mut self) {
        self.view.lay_out(&self.page, self.metrics, &mut Tens);
    }

    fn scroll(&mut self, by: i32) {
        self.view.scroll(by);
        self.lay();
    }

    /// Returns each line in sight with its upper edge.
    fn shown(&self) -> Vec<(String, i32)> {
        self.view.laid().iter().map(|laid| (laid.line.styled.text[laid.line.body..].to_owned(), laid.y)).collect()
    }

    fn top(&self) -> (String, i32) {
        self.shown()[0].clone()
    }

    fn bottom(&self) -> i32 {
        self.view.laid().last().map_or(0, |laid| laid.y + laid.height)
    }
}

#[test]
fn the_first_whole_row_has_a_name_without_moving_the_text() {
    let mut stage = stage(50);
    // The run begins further up, and the end is followed.
    let nameless = |stage: &Stage| stage.view.nameless_top().map(|(laid, y)| (laid.entry, y));
    let top = |stage: &Stage| stage.view.laid()[0].entry;
    assert_eq!(nameless(&stage), Some((top(&stage), 0)));
    // A row of which more than a third is out of sight is none to begin with.
    stage.scroll(-5);
    let (entry, y) = nameless(&stage).unwrap();
    assert!((1..20).contains(&y), "{y}");
    let before = stage.shown();
    assert!(before.iter().any(|(text, at)| *text == self::text(entry) && *at <= y));
    // At its beginning the run has its name.
    stage.view.scroll_to_top(&stage.page);
    stage.lay();
    assert_eq!(nameless(&stage), None);
    // It still has while it can be read.
    stage.scroll(5);
    assert_eq!(nameless(&stage), None);
    stage.scroll(-5);
    // The second row of the first message.
    stage.scroll(20);
    assert_eq!(nameless(&stage), Some((0, 0)));
}

#[test]
fn few_lines_stand_at_the_top_and_more_stand_at_the_bottom() {
    let mut stage = stage(2);
    assert_eq!(stage.shown(), [(text(0), 0), (text(1), 40)]);
    stage.say(50);
    assert_eq!((stage.bottom(), stage.view.is_following()), (200, true));
    assert!(stage.view.laid().len() <= 10, "only what is in sight is laid out");
}

#[test]
fn what_is_read_stays_where_it_is_while_more_comes_and_the_oldest_goes() {
    let mut stage = stage(SETTLED_MAX);
    stage.scroll(-2010);
    let shown = stage.shown();
    for _ in 0..20 {
        stage.say(100);
        assert_eq!(stage.shown(), shown);
    }
    stage.scroll(i32::MAX / 2);
    assert!(stage.view.is_following());
}

#[test]
fn what_is_read_stays_where_it_is_while_older_messages_come_above() {
    let mut stage = stage(100);
    stage.scroll(-100_000);
    assert_eq!(stage.top(), (text(0), 0));
    let shown = stage.shown();
    let old = |n: i32| Entry { at: None, kind: Kind::Notice(format!("old {n}")) };
    stage.log.splice(0, 0, (0..50).map(old).collect());
    stage.update();
    assert_eq!(stage.shown(), shown);
    stage.scroll(-10);
    assert_eq!(stage.top(), ("old 49".to_owned(), -10));
}

#[test]
fn a_resize_step_by_step_keeps_the_row_in_the_middle_of_a_long_message() {
    let mut stage = stage(50);
    let long = "word ".repeat(200);
    stage.log.settle(None, Kind::Notice(long));
    stage.say(50);
    stage.view.lead_to(Point { entry: 50, byte: 500 });
    stage.lay();
    let row = |stage: &Stage| stage.view.row_of(Point { entry: 50, byte: 500 });
    let before = row(&stage);
    for width in (100..=300_u16).rev().chain(100..=300).chain([200]) {
        stage.metrics.text = f32::from(width);
        stage.lay();
        assert_eq!(row(&stage), before, "{width}");
    }
}

#[test]
fn a_view_that_grows_and_shrinks_again_comes_back() {
    let mut stage = stage(60);
    stage.scroll(-15);
    let shown = stage.shown();
    for height in [400, 2000, 100, 200] {
        stage.metrics.height = height;
        stage.lay();
        assert!(stage.top().1 <= 0 && (stage.bottom() >= height || height == 2000), "{height}: {:?}", stage.shown());
    }
    // It has followed the end since that was in sight.
    assert!(stage.view.is_following());
    stage.scroll(-15);
    assert_eq!(stage.shown(), shown);
}

#[test]
fn a_place_that_is_in_sight_is_gone_to_without_a_move() {
    let mut stage = stage(100);
    let shown = stage.shown();
    stage.view.lead_to(Point { entry: 98, byte: 0 });
    stage.lay();
    assert_eq!(stage.shown(), shown);
    stage.say(1);
    assert_eq!(stage.shown(), shown, "it stays there until the reader scrolls");
    let place = stage.view.place();
    stage.view.lead_to(Point { entry: 10, byte: 0 });
    stage.lay();
    assert_eq!(stage.view.row_of(Point { entry: 10, byte: 0 }), Some(66));
    assert!(stage.view.take_scrolled_up());
    stage.view.go_back(place);
    stage.lay();
    assert_eq!(stage.shown(), shown);
}

#[test]
fn the_thumb_goes_from_one_end_to_the_other_and_the_text_with_it() {
    let mut stage = stage(1000);
    let thumb = |stage: &Stage| stage.view.thumb(200).unwrap();
    assert_eq!(thumb(&stage), Thumb { y: 176, height: 24 });
    let mut before = Position::MAX;
    for y in (0..=170).rev().step_by(10) {
        stage.view.drag_thumb(y, 200);
        stage.lay();
        let first = stage.view.laid()[0].entry;
        assert!(first < before, "{y}");
        before = first;
        assert!(thumb(&stage).y.abs_diff(y) <= 1, "{:?} is not at {y}", thumb(&stage));
    }
    assert_eq!(stage.top(), (text(0), 0));
    stage.view.drag_thumb(500, 200);
    stage.lay();
    assert!(stage.view.is_following());
    let mut few = self::stage(3);
    few.lay();
    assert_eq!(few.view.thumb(200), None);
}

#[test]
fn what_is_not_shown_takes_no_room() {
    let mut stage = stage(5);
    for n in 0..400 {
        stage.log.settle(None, Kind::Joined(format!("p{n}")));
    }
    stage.update();
    assert_eq!(stage.shown().last().unwrap().0, "400 people joined");
    assert_eq!(stage.view.thumb(200), None, "all of it is in sight");
}

#[test]
fn the_first_row_is_the_one_that_keeps_its_place_when_rows_below_it_become_more() {
    let mut stage = stage(100);
    stage.scroll(-500);
    stage.scroll(-60);
    let top = stage.top();
    for width in [210.0, 100.0, 60.0, 150.0, 200.0] {
        stage.metrics.text = width;
        stage.lay();
        assert_eq!(stage.top(), top, "{width}");
    }
}
