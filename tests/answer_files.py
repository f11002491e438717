"""Answer files for tests, in the shapes that people's files have."""

from tests.typed_keys import PRO

UNATTEND = "urn:schemas-microsoft-com:unattend"
WCM = "http://schemas.microsoft.com/WMIConfig/2002/State"
SETUP, SHELL_SETUP = "Microsoft-Windows-Setup", "Microsoft-Windows-Shell-Setup"
ENTERPRISE = "NPPR9-FWDCX-D2C8J-H872K-2YT43"


def component(name: str, inner: str, architecture: str = "amd64") -> str:
    return (
        f'    <component name="{name}" processorArchitecture="{architecture}" publicKeyToken="31bf3856ad364e35"'
        f' language="neutral" versionScope="nonSxS" xmlns:wcm="{WCM}">\n{inner}\n    </component>\n'
    )


def settings(pass_name: str, *components: str) -> str:
    return f'  <settings pass="{pass_name}">\n{"".join(components)}  </settings>\n'


def unattend(*inner: str) -> str:
    return f'<?xml version="1.0" encoding="utf-8"?>\n<unattend xmlns="{UNATTEND}">\n{"".join(inner)}</unattend>\n'


def installing(key: str, *, before: str = "", after: str = "", architecture: str = "amd64") -> str:
    """The pass windowsPE with a key that chooses the edition."""
    return windows_pe(
        f"<ProductKey><Key>{key}</Key><WillShowUI>OnError</WillShowUI></ProductKey>",
        before=before,
        after=after,
        architecture=architecture,
    )


def windows_pe(product_key: str, *, before: str = "", after: str = "", architecture: str = "amd64") -> str:
    user_data = f"      <UserData>\n        {product_key}\n        <AcceptEula>true</AcceptEula>\n      </UserData>"
    return settings("windowsPE", component(SETUP, before + user_data + after, architecture))


def activating(key: str, *, before: str = "", architecture: str = "amd64") -> str:
    """The pass specialize with a key that activates."""
    inner = f"      <ComputerName>*</ComputerName>\n      {before}<ProductKey>{key}</ProductKey>"
    return settings("specialize", component(SHELL_SETUP, inner, architecture))


def commands(*lines: str) -> str:
    """The pass oobeSystem with commands that run at the first sign-in."""
    run = "".join(
        f'        <SynchronousCommand wcm:action="add">\n          <CommandLine>{line}</CommandLine>\n'
        f"          <Order>{number}</Order>\n        </SynchronousCommand>\n"
        for number, line in enumerate(lines, start=1)
    )
    return settings(
        "oobeSystem", component(SHELL_SETUP, f"      <FirstLogonCommands>\n{run}      </FirstLogonCommands>")
    )


def installs_from(key: str, value: str) -> str:
    """What chooses the image by its name or number in the WIM."""
    pair = f'<MetaData wcm:action="add"><Key>{key}</Key><Value>{value}</Value></MetaData>'
    return f"      <ImageInstall><OSImage><InstallFrom>{pair}</InstallFrom></OSImage></ImageInstall>\n"


ORDINARY = unattend(installing(PRO), activating(PRO), commands("cmd.exe /c echo ready"))
"""A file with nothing to find."""
