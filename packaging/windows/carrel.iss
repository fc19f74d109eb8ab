; Inno Setup's recipe for the Windows installer. Not yet run.
;
;   iscc /DVersion=0.1.0 packaging\windows\carrel.iss
;
; It takes the frozen tree (python packaging\package.py) and leaves dist\carrel-VERSION-setup.exe.
; Whoever installs needs no administrator's rights: without them it is for this person alone.

#ifndef Version
  #error Say which version: iscc /DVersion=...
#endif
#define Root "..\.."
#define Tree Root + "\build\package\tree\carrel"

[Setup]
; never to be changed: it is how a newer installer finds the older Carrel
AppId={{5D0C5E0B-6F0B-4C0D-9C0E-3C1B5F8A7E21}
AppName=Carrel
AppVersion={#Version}
AppPublisher=The Carrel project
DefaultDirName={autopf}\Carrel
DefaultGroupName=Carrel
DisableProgramGroupPage=yes
PrivilegesRequired=lowest
PrivilegesRequiredOverridesAllowed=dialog
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
; Windows 10, version 1809: the oldest that Qt 6 runs on
MinVersion=10.0.17763
LicenseFile={#Root}\LICENSE
SetupIconFile={#Root}\build\package\icons\carrel.ico
UninstallDisplayIcon={app}\carrelw.exe
OutputDir={#Root}\dist
OutputBaseFilename=carrel-{#Version}-setup
Compression=lzma2/max
SolidCompression=yes
ChangesAssociations=yes
ChangesEnvironment=yes
CloseApplications=yes
WizardStyle=modern

[Tasks]
Name: folders; Description: "Add “Open with Carrel” to the menu of folders"
Name: path; Description: "Add “carrel” to the commands of the terminal"; Flags: unchecked
Name: desktopicon; Description: "{cm:CreateDesktopIcon}"; Flags: unchecked

[InstallDelete]
; libraries of the version before must not be found beside those of this one
Type: filesandordirs; Name: "{app}\_internal"

[Files]
Source: "{#Tree}\*"; DestDir: "{app}"; Flags: recursesubdirs ignoreversion
Source: "{#Root}\build\package\icons\carrel-library.ico"; DestDir: "{app}"; Flags: ignoreversion
Source: "{#Root}\LICENSE"; DestDir: "{app}"; DestName: "LICENSE.txt"; Flags: ignoreversion

[Icons]
Name: "{group}\Carrel"; Filename: "{app}\carrelw.exe"; AppUserModelID: "org.carrel.Carrel"
Name: "{autodesktop}\Carrel"; Filename: "{app}\carrelw.exe"; Tasks: desktopicon

[Registry]
Root: HKA; Subkey: "Software\Classes\.carrel"; ValueType: string; ValueData: "org.carrel.Carrel.library"; Flags: uninsdeletevalue
Root: HKA; Subkey: "Software\Classes\org.carrel.Carrel.library"; ValueType: string; ValueData: "Carrel library"; Flags: uninsdeletekey
Root: HKA; Subkey: "Software\Classes\org.carrel.Carrel.library\DefaultIcon"; ValueType: string; ValueData: "{app}\carrel-library.ico"
Root: HKA; Subkey: "Software\Classes\org.carrel.Carrel.library\shell\open\command"; ValueType: string; ValueData: """{app}\carrelw.exe"" ""%1"""
Root: HKA; Subkey: "Software\Classes\Directory\shell\Carrel"; ValueType: string; ValueData: "Open with Carrel"; Flags: uninsdeletekey; Tasks: folders
Root: HKA; Subkey: "Software\Classes\Directory\shell\Carrel"; ValueType: string; ValueName: "Icon"; ValueData: "{app}\carrelw.exe"; Tasks: folders
Root: HKA; Subkey: "Software\Classes\Directory\shell\Carrel\command"; ValueType: string; ValueData: """{app}\carrelw.exe"" ""%V"""; Tasks: folders
Root: HKA; Subkey: "{code:Environment}"; ValueType: expandsz; ValueName: "Path"; ValueData: "{olddata};{app}"; Tasks: path; Check: NotOnPath

[Run]
Filename: "{app}\carrelw.exe"; Description: "{cm:LaunchProgram,Carrel}"; Flags: nowait postinstall skipifsilent

; Uninstalling leaves libraries (%LOCALAPPDATA%\carrel) and settings: they are the person's.

[Code]
function Environment(Unused: String): String;
begin
  if IsAdminInstallMode then
    Result := 'SYSTEM\CurrentControlSet\Control\Session Manager\Environment'
  else
    Result := 'Environment';
end;

function NotOnPath: Boolean;
var
  Path: String;
begin
  Result := not RegQueryStringValue(HKA, Environment(''), 'Path', Path)
    or (Pos(';' + Uppercase(ExpandConstant('{app}')) + ';', ';' + Uppercase(Path) + ';') = 0);
end;
