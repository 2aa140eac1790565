//! Tests of the page Settings of the monitor window, by keyboard: what is entered is felt by clients at once, is remembered in the
//! config file, and holds without a window, too; what is wrong is marked and not lost.

use std::fs;
use std::path::{Path, PathBuf};

use multichat::internal::monitor::model::settings::on_page;
use multichat::internal::monitor::window::MonitorWindow;
use multichat::internal::options::{Key, Layer, Options, Value};

use crate::support::Peer;
use crate::support::desktop::{Test, Window};
use crate::support::monitor::{self, SETTINGS_TAB, TITLE, click, close, join, open_with, server, until};
use crate::support::program::{Home, Program};

pub(crate) fn tests() -> Vec<Test> {
    vec![
        ("what is entered is felt at once, and remembered with and without a window", entered),
        ("a wrong value is marked, not applied, and stays to be corrected", wrong),
        ("a change that needs a start waits, and the restart asks if anybody is here", restart),
        ("certificate and key can be entered one after the other", partners),
        ("what the command line says is shown and cannot be changed", command_line),
        ("an address that is entered on the page is that of the restart and of the next start", address),
        ("a damaged file starts no server, stays as it is, and is read again", damaged),
    ]
}

/// Returns how often Tab leads from the tabs to an option, if the command line says so many options before it.
fn tabs(key: Key, said_before: usize) -> usize {
    1 + on_page().position(|info| info.key == key).unwrap() - said_before
}

/// The same if the command line says the address alone.
fn tabs_below_address(key: Key) -> usize {
    tabs(key, 1)
}

const RESTART: (u32, u32) = (936, 339);
const STOP: (u32, u32) = (872, 32);

/// Moves the keyboard focus by Tab.
fn tab(window: &Window, times: usize) {
    window.keys(&vec!["Tab"; times]);
}

fn usual(home: &Home) -> PathBuf {
    home.path().join("multichat/server.toml")
}

/// Waits until the page of another program has the options: there is a remark beside the first one.
fn until_options(window: &Window) {
    let is_ground = |x, y| window.color_at(x, y) == window.color_at(5, 5);
    // Other pages have another ground.
    let is_written = || is_ground(960, 386) && (770..900).any(|x| !is_ground(x, 417));
    Window::until("the options", || (), || is_written().then_some(()));
}

/// Waits until no server runs, and starts one on the address in the field.
fn start(window: &Window) {
    // The ground of the field, which is not there while a server runs.
    Window::until("the address", || (), || (window.color_at(100, 44) == [255, 255, 255]).then_some(()));
    window.click(300, 32);
    window.keys(&["Return"]);
}

fn has_line(file: &Path, line: &str) -> bool {
    fs::read_to_string(file).is_ok_and(|text| text.lines().any(|other| other == line))
}

/// Waits until the config file of another program has a line.
fn until_file(file: &Path, line: &str) {
    Window::until(line, || (), || has_line(file, line).then_some(()));
}

fn entered() {
    let home = Home::new();
    fs::create_dir(home.path().join("multichat")).unwrap();
    fs::write(usual(&home), "# Room 12\nrate = 500 # for the test\n").unwrap();
    let (mut program, window, addr) = server(&home);
    let mut ann = join(&addr, "ann");
    click(&window, SETTINGS_TAB);
    until_options(&window);
    tab(&window, tabs(Key::Password, 0));
    window.type_text("open sesame");
    // Leaving the field is enough.
    tab(&window, tabs_below_address(Key::Rate) - tabs(Key::Password, 0));
    until_file(&usual(&home), "password = \"open sesame\"");
    let mut late = Peer::connect(addr.parse().unwrap());
    late.send("HELLO late\n");
    late.expect_start("ERR PASSWORD_REQUIRED");
    window.type_text("1");
    tab(&window, 1);
    window.type_text("2");
    window.keys(&["Return"]);
    until_file(&usual(&home), "burst = 2");
    ann.send("NONSENSE\n".repeat(3));
    ann.expect_start("ERR BAD_LINE");
    ann.expect_start("ERR BAD_LINE");
    ann.expect_start("ERR SLOW_DOWN");
    let text = fs::read_to_string(usual(&home)).unwrap();
    assert!(text.starts_with("# Room 12\nrate = 1 # for the test\n"), "{text}");
    // A signal does not ask, although ann is here.
    program.terminate();
    assert_eq!(program.ended().code(), Some(0));

    for more in [&[][..], &["--headless"]] {
        let program =
            Program::start(env!("CARGO_BIN_EXE_server"), &home, &[&["--listen", "127.0.0.1:0"], more].concat());
        let addr = program.listening().parse().unwrap();
        let mut ben = Peer::connect(addr);
        ben.send("HELLO ben\n");
        ben.expect_start("ERR PASSWORD_REQUIRED");
        let mut carl = Peer::connect(addr);
        carl.send("PASS open sesame\n");
        carl.join("carl");
    }
}

/// Opens a window in this process with this config file.
fn open(home: &Home, line: &[(Key, Value)], text: &str) -> (MonitorWindow, Window, String, PathBuf) {
    let file = home.path().join("server.toml");
    fs::write(&file, text).unwrap();
    let mut layer = Layer::default();
    layer.set(Key::Config, Some(Value::File(file.clone())));
    layer.set(Key::Listen, Some(Value::Text("127.0.0.1:0".into())));
    line.iter().cloned().for_each(|(key, value)| layer.set(key, Some(value)));
    let (window, desktop, addr) = open_with(Options::new(layer, None));
    click(&desktop, SETTINGS_TAB);
    until(&window, "the options", || window.model().settings.overview().is_some());
    (window, desktop, addr, file)
}

/// Returns the line below an option.
fn help(window: &MonitorWindow, key: Key) -> String {
    window.model().settings.help(key).1
}

fn wrong() {
    let home = Home::new();
    let (window, desktop, _addr, file) = open(&home, &[], "max-clients = 20\n");
    tab(&desktop, tabs_below_address(Key::MaxClients));
    desktop.type_text("many");
    desktop.keys(&["Return"]);
    until(&window, "a mark", || help(&window, Key::MaxClients).starts_with("Not applied: write a whole number"));
    assert_eq!(fs::read_to_string(&file).unwrap(), "max-clients = 20\n");
    // The text is still there, with the caret at its end.
    desktop.keys(&["BackSpace", "BackSpace", "BackSpace", "BackSpace"]);
    desktop.type_text("30");
    desktop.keys(&["Return"]);
    until(&window, "no mark", || help(&window, Key::MaxClients).starts_with("Maximum"));
    until(&window, "max-clients = 30", || has_line(&file, "max-clients = 30"));
    close(window);
}

fn restart() {
    let home = Home::new();
    let (window, desktop, addr, file) = open(&home, &[], "");
    let mut ann = join(&addr, "ann");
    until(&window, "ann", || window.model().clients.all().len() == 1);
    tab(&desktop, tabs_below_address(Key::Tls));
    desktop.keys(&["space"]);
    until(&window, "tls = true", || has_line(&file, "tls = true"));
    until(&window, "that it waits", || window.model().settings.needs_restart());
    assert_eq!(window.model().fingerprint(), None, "it applies at the next start");
    // Back to the first option, and to the button before it.
    for _ in 0..tabs_below_address(Key::Tls) {
        desktop.keys(&["shift+Tab"]);
    }
    desktop.keys(&["Return"]);
    until(&window, "a question", || window.note().starts_with("1 person will be disconnected"));
    desktop.keys(&["Return"]);
    until(&window, "a server with TLS", || window.model().fingerprint().is_some());
    ann.expect("ERR SHUTTING_DOWN the server stops");
    assert!(!window.model().settings.needs_restart());
    close(window);
}

fn partners() {
    let home = Home::new();
    let (window, desktop, _addr, file) = open(&home, &[], "");
    tab(&desktop, tabs_below_address(Key::TlsCert));
    desktop.type_text("cert.pem");
    tab(&desktop, 1);
    until(&window, "that the key is missing", || help(&window, Key::TlsCert).contains("tls-cert needs tls-key"));
    assert_eq!(fs::read_to_string(&file).unwrap(), "");
    desktop.type_text("key.pem");
    desktop.keys(&["Return"]);
    until(&window, "tls-cert = \"cert.pem\"", || has_line(&file, "tls-cert = \"cert.pem\""));
    until(&window, "tls-key = \"key.pem\"", || has_line(&file, "tls-key = \"key.pem\""));
    until(&window, "no mark", || !help(&window, Key::TlsCert).starts_with("Not applied"));
    close(window);
}

fn command_line() {
    let home = Home::new();
    let line = [(Key::MaxClients, Value::Number(5)), (Key::Rate, Value::Number(50))];
    let (window, desktop, _addr, file) = open(&home, &line, "rate = 7\n");
    assert_eq!(window.model().settings.text(Key::Rate), "50");
    let line = window.model().settings.overview().unwrap().command_line.clone();
    assert_eq!(line, "server --listen 127.0.0.1:0 --max-clients 5 --rate 50");
    // Tab goes over both of them, to the lines at once.
    tab(&desktop, tabs_below_address(Key::MaxClients));
    desktop.type_text("3");
    desktop.keys(&["Return"]);
    until(&window, "burst = 3", || has_line(&file, "burst = 3"));
    assert_eq!(fs::read_to_string(&file).unwrap(), "rate = 7\nburst = 3\n");
    close(window);
}

fn address() {
    let home = Home::new();
    fs::create_dir(home.path().join("multichat")).unwrap();
    fs::write(usual(&home), "listen = \"127.0.0.1:0\"\n").unwrap();
    let program = Program::start(env!("CARGO_BIN_EXE_server"), &home, &[]);
    program.listening();
    let window = Window::of(program.id(), TITLE);
    monitor::resize(&window, monitor::SIZE.1);
    click(&window, SETTINGS_TAB);
    until_options(&window);
    tab(&window, tabs(Key::Listen, 0));
    window.type_text("localhost:0");
    window.keys(&["Return"]);
    until_file(&usual(&home), "listen = \"localhost:0\"");
    // The restart is the button before the page, which becomes active with the next tick.
    let is_active = || window.has_text(RESTART.0 - 25, RESTART.1 - 8, 50, 16);
    Window::until("an active Restart", || (), || is_active().then_some(()));
    window.click(RESTART.0, RESTART.1);
    program.listening();
    click(&window, STOP);
    start(&window);
    program.listening();
    assert_eq!(fs::read_to_string(usual(&home)).unwrap(), "listen = \"localhost:0\"\n");
}

fn damaged() {
    let home = Home::new();
    fs::create_dir(home.path().join("multichat")).unwrap();
    let text = "listen = \"127.0.0.1:0\"\npassword = \"sesame\"\nmax_clients = 5\n";
    fs::write(usual(&home), text).unwrap();
    let mut program = Program::start(env!("CARGO_BIN_EXE_server"), &home, &[]);
    let complaint = program.expect_complaint("server.toml, line 3");
    assert!(complaint.contains("is it max-clients?"), "{complaint}");
    let window = Window::of(program.id(), TITLE);
    monitor::resize(&window, monitor::SIZE.1);
    assert_eq!(fs::read_to_string(usual(&home)).unwrap(), text);
    fs::write(usual(&home), text.replace("max_clients", "max-clients")).unwrap();
    // Enter in the address starts a server: on the address of the file, since nobody has typed another.
    start(&window);
    let addr = program.listening();
    let mut late = Peer::connect(addr.parse().unwrap());
    late.send("HELLO late\n");
    late.expect_start("ERR PASSWORD_REQUIRED");
    window.close();
    assert_eq!(program.ended().code(), Some(0));
    assert_eq!(fs::read_to_string(usual(&home)).unwrap(), text.replace("max_clients", "max-clients"));
}
