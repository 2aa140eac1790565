//! The command line of the client.

use clap::Parser;

use crate::client::ServerAddress;
use crate::ui::ThemeChoice;

/// Opens a window to chat with all clients of a server.
///
/// A password is typed into the window, or read from the variable `MULTICHAT_PASSWORD`.
#[derive(Debug, Parser)]
#[command(version)]
pub struct Arguments {
    /// Address of the server: HOST, HOST:PORT, `[IPV6]:PORT` or multichat://HOST:PORT; the default port is 5555
    /// [default: the last one]
    #[arg(value_name = "ADDR:PORT")]
    pub server: Option<ServerAddress>,
    /// Username [default: the last one]
    #[arg(long)]
    pub name: Option<String>,
    /// Connect as soon as the window opens
    #[arg(long)]
    pub connect: bool,
    /// Use TLS only, regardless of the settings
    #[arg(long, conflicts_with = "plain")]
    pub tls: bool,
    /// Use plain text only, regardless of the settings; does not connect to a server that is known to use TLS
    #[arg(long)]
    pub plain: bool,
    /// List no servers of this network
    #[arg(long)]
    pub no_discovery: bool,
    /// Colour theme of the window [default: the last one, or as the system says]
    #[arg(long, value_enum)]
    pub theme: Option<ThemeChoice>,
}
