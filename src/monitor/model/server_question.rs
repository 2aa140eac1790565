//! The questions before clients are disconnected because the server stops: by Stop, by closing the window, or for another address.
//!
//! Without clients nothing is asked. None of them is grave: the windows of the clients connect again by themselves once a server
//! runs. Pure data on the main thread.

use std::rc::Rc;

use super::confirm::{About, Confirmation, Input};
use crate::monitor::messages::Command;
use crate::options::Kind;
use crate::server::Listen;

/// Returns the question whether to stop the server.
pub fn stop(people: usize) -> Confirmation {
    let consequence = format!("{} when you start the server", disconnected(people));
    question("Stop the server?".into(), consequence, "Stop", || Command::Stop)
}

/// Returns the question whether to stop the server and close the window.
pub fn close(people: usize) -> Confirmation {
    let consequence = format!("{} when you start the server. Closing again confirms", disconnected(people));
    question("Stop the server and close this window?".into(), consequence, "Close", || Command::Finish)
}

/// Returns the question whether to restart the server, so that it has its options as they are now.
pub fn restart(people: usize) -> Confirmation {
    let consequence = format!("{} by themselves", disconnected(people));
    Confirmation {
        about: About::Settings,
        ..question("Restart the server?".into(), consequence, "Restart", || Command::Restart)
    }
}

/// Returns the question whether to listen on other addresses, for which the server restarts.
pub fn listen_on(people: usize, listen: Listen) -> Confirmation {
    let consequence = format!("{} by themselves", disconnected(people));
    let title = format!("Restart the server, to listen on {listen}?");
    question(title, consequence, "Restart", move || Command::Start(listen.clone()))
}

/// Returns the question for other addresses to listen on, for which the server restarts.
pub fn other_address(people: usize, listen: &Listen) -> Confirmation {
    let consequence = match people {
        0 => "The server restarts. Write ADDRESS:PORT, with an address of this computer".to_owned(),
        _ => format!("The server restarts. {} by themselves", disconnected(people)),
    };
    Confirmation {
        input: Input::Address(listen.to_string()),
        action: Rc::new(|_, listen| {
            // A server that cannot start has stopped already: an address of the wrong form is rejected before that.
            Kind::Addresses.parse(listen)?;
            Ok(Command::Start(listen.into()))
        }),
        ..question("Listen on".into(), consequence, "Restart", || Command::Stop)
    }
}

fn question(
    title: String,
    consequence: String,
    yes: &'static str,
    yes_is: impl Fn() -> Command + 'static,
) -> Confirmation {
    Confirmation {
        title,
        consequence,
        is_grave: false,
        yes,
        input: Input::YesOrNo,
        about: About::Server,
        action: Rc::new(move |_, _| Ok(yes_is())),
    }
}

fn disconnected(people: usize) -> String {
    match people {
        1 => "1 person will be disconnected. Their window connects again".into(),
        _ => format!("{people} people will be disconnected. Their windows connect again"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::monitor::model::Model;

    #[test]
    fn each_question_says_how_many_people_are_disconnected_and_its_yes_is_a_command() {
        let yes = |question: &Confirmation| (question.action)(&Model::default(), "").unwrap();
        let stopping = stop(1);
        assert_eq!(
            stopping.consequence,
            "1 person will be disconnected. Their window connects again when you start the server"
        );
        assert!(matches!(yes(&stopping), Command::Stop));
        let closing = close(10);
        assert!(closing.consequence.starts_with("10 people will be disconnected. "), "{}", closing.consequence);
        assert!(matches!(yes(&closing), Command::Finish));
        let restarting = listen_on(2, "0.0.0.0:5555".into());
        assert_eq!(restarting.title, "Restart the server, to listen on 0.0.0.0:5555?");
        assert!(matches!(yes(&restarting), Command::Start(listen) if listen == "0.0.0.0:5555".into()));
        assert!(matches!(yes(&restart(2)), Command::Restart));
        assert!([stopping, closing, restarting].iter().all(|question| !question.is_grave));
    }

    #[test]
    fn an_address_of_the_wrong_form_does_not_stop_the_server() {
        let question = other_address(2, &"127.0.0.1:5555".into());
        let answer = |typed| (question.action)(&Model::default(), typed);
        assert!(answer("5555").is_err_and(|why| why.contains("ADDRESS:PORT")));
        assert!(
            matches!(answer(" 192.168.1.20:5555 "), Ok(Command::Start(listen)) if listen == "192.168.1.20:5555".into())
        );
    }
}
