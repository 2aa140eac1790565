//! Tests of the chat window under a flood: no message within the limit of the log is lost, and a window that is not visible draws
//! nothing. `script/bench-windows` measures its speed.

use std::cell::Cell;
use std::rc::Rc;
use std::thread;

use fltk::app;
use fltk::prelude::*;
use fltk::window::Window as FltkWindow;
use multichat::internal::chat::state::SETTLED_MAX;

use crate::support::desktop::Test;
use crate::support::screen::{bob_and_ann, texts};

pub(crate) fn tests() -> Vec<Test> {
    vec![
        ("after a flood the newest lines are there, each once and in order", flood),
        ("a window that is minimised draws nothing, and everything once it is back", minimised),
    ]
}

fn flood() {
    let (_room, mut ann, screen) = bob_and_ann();
    let all = SETTLED_MAX + 3000;
    let speaking = thread::spawn(move || {
        for n in 0..all {
            ann.send(format!("MSG ann number {n}\n"));
        }
        ann
    });
    screen.until_conversation(&format!("number {}", all - 1));
    speaking.join().unwrap();
    let text = texts().remove(0);
    let numbers = text.lines().filter_map(|line| line.split_once("ann  number ")?.1.parse::<usize>().ok());
    assert!(
        numbers.eq(all - SETTLED_MAX..all),
        "{} lines, and this is the first: {:?}",
        text.lines().count(),
        text.lines().next()
    );
    screen.close();
}

fn minimised() {
    let (_room, mut ann, screen) = bob_and_ann();
    let mut window = app::first_window().and_then(|window| FltkWindow::from_dyn_widget(&window)).unwrap();
    let drawn = Rc::new(Cell::new(0));
    let counted = Rc::clone(&drawn);
    window.draw(move |_| counted.set(counted.get() + 1));
    ann.send("MSG ann seen\n");
    screen.until("a picture with it", |_| drawn.get() > 0 && texts()[0].contains("seen"));
    screen.desktop.minimise();
    screen.until("its absence", |_| !window.visible());
    let before = drawn.get();
    for n in 0..500 {
        ann.send(format!("MSG ann unseen {n}\n"));
    }
    screen.until_conversation("unseen 499");
    assert_eq!(drawn.get(), before);
    screen.desktop.bring_back();
    screen.until("another picture", |_| drawn.get() > before);
    screen.close();
}
